package blob

// SetSpace replaces the function that returns the free and total bytes of the file system.
func (s *Folder) SetSpace(space func() (free, total uint64)) {
	s.space = func() (uint64, uint64, error) {
		free, total := space()
		return free, total, nil
	}
}
