package trials

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/fault"
	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/cmd/faults/internal/people"
	"frontdesk/cmd/faults/internal/testbed"
)

// storageTrials are faults of the disk with the attachments.
var storageTrials = []Trial{
	{Name: "uploads disk full", Note: "no space for attachments for 2 s while people write; R is until the next file", Run: fillDisk},
	{Name: "uploads read-only", Note: "the folder of attachments is read-only for 2 s; R is until the next file", Long: true, Run: protectDisk},
}

// diskSize is the size of the small disk.
const diskSize = 32 << 20

// onDisk calls f with a desk whose attachments are on a small disk. It returns a skipped row if
// such a disk cannot be mounted.
func (s *Stage) onDisk(ctx context.Context, name string, f func(d *testbed.Desk, disk string) (comparison.Row, error)) (comparison.Row, error) {
	if os.Geteuid() != 0 {
		return comparison.Row{Skipped: "only root can mount a small file system"}, nil
	}
	disk := s.file(name + "-uploads")
	if err := os.Mkdir(disk, 0o755); err != nil {
		return comparison.Row{}, err
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, fmt.Sprintf("size=%d,mode=755", diskSize)); err != nil {
		return comparison.Row{Skipped: "a small file system cannot be mounted: " + err.Error()}, nil
	}
	defer func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) }() // the unmount completes when the program has closed its files
	d, err := s.Bed.Desk(name, "UPLOAD_DIR="+disk)
	if err != nil {
		return comparison.Row{}, err
	}
	if err := d.Start(); err != nil {
		return comparison.Row{}, err
	}
	row, err := f(d, disk)
	return row, errors.Join(err, d.Stop())
}

// nextFile returns the times of acknowledged files.
func nextFile(c *people.Crowd) []people.Timing { return c.AcksOf(journal.File) }

// fillDisk fills the disk of the attachments.
func fillDisk(ctx context.Context, s *Stage) (comparison.Row, error) {
	return s.onDisk(ctx, "full", func(d *testbed.Desk, disk string) (comparison.Row, error) {
		filler := filepath.Join(disk, "filler")
		f := fault.Fault{Lasts: 2 * time.Second,
			Begin: func(context.Context) error {
				if err := fill(filler); !errors.Is(err, syscall.ENOSPC) {
					return fmt.Errorf("the disk is not full: %v", err)
				}
				return nil
			},
			End: func(context.Context) error { return os.Remove(filler) }}
		return s.talk(ctx, play{desk: d, faults: []fault.Fault{f}, steady: true, recovery: nextFile})
	})
}

// protectDisk makes the disk of the attachments read-only.
func protectDisk(ctx context.Context, s *Stage) (comparison.Row, error) {
	return s.onDisk(ctx, "read-only", func(d *testbed.Desk, disk string) (comparison.Row, error) {
		remount := func(flags uintptr) func(context.Context) error {
			return func(ctx context.Context) error {
				for {
					err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|flags, "")
					if !errors.Is(err, syscall.EBUSY) || ctx.Err() != nil { // a file is being written
						return err
					}
					time.Sleep(time.Millisecond)
				}
			}
		}
		f := fault.Fault{Begin: remount(syscall.MS_RDONLY), Lasts: 2 * time.Second, End: remount(0)}
		return s.talk(ctx, play{desk: d, faults: []fault.Fault{f}, steady: true, recovery: nextFile})
	})
}

// fill writes to a file until its disk is full, and returns that error.
func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for block := make([]byte, 4<<10); err == nil; {
		_, err = f.Write(block)
	}
	return err
}
