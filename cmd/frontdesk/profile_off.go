//go:build !profile

package main

import "context"

// offerProfiles offers none, see profile.go.
func offerProfiles(context.Context) error { return nil }
