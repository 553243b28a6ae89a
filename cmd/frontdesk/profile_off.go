//go:build !profile

package main

import "context"

// offerProfiles does nothing without the build tag profile.
func offerProfiles(context.Context) error { return nil }
