package input

// Merge sets a field that the user left as the form showed it (was) to its value now. It returns false if
// the user and another one changed it to different values.
func Merge[T comparable](field *T, was, now T) bool {
	if *field == was {
		*field = now
	}
	return was == now || *field == now
}
