package blob

// SetSpace has the store believe that its file system has so many bytes.
func (s *Store) SetSpace(space func() (free, total uint64)) {
	s.space = func() (uint64, uint64, error) {
		free, total := space()
		return free, total, nil
	}
}
