package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// owner is the unprivileged user a server runs as when we are root, which
// PostgreSQL refuses. A nil owner is who we are.
type owner struct {
	uid, gid uint32
	name     string
}

func findOwner() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return &owner{uint32(uid), uint32(gid), name}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody: run Frontdesk as an ordinary user")
}

// makeDir makes a folder that only the owner may enter.
func (o *owner) makeDir(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if o == nil {
		return tighten(dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	return os.Chown(dir, int(o.uid), int(o.gid))
}

// tighten closes a folder of ours that others may enter: PostgreSQL refuses such
// a folder. One that belongs to another user is left for PostgreSQL to name.
func tighten(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	if err := os.Chmod(dir, 0o700); !errors.Is(err, os.ErrPermission) {
		return err
	}
	return nil
}

// user returns the name or the number of the owner, for a command line.
func (o *owner) user() string {
	if o == nil {
		return strconv.Itoa(os.Geteuid())
	}
	return o.name
}

// barrier returns the nearest folder at or above dir that the owner cannot enter, or ""
// if the owner can reach dir. Folders that do not exist are made later and are no
// barrier. Links are followed: the folders above their targets count as well.
func (o *owner) barrier(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && info.IsDir() && !o.enters(info) {
			return at // what is no folder fails with a clear error when folders are made below it
		}
		if real, err := filepath.EvalSymlinks(at); err == nil && real != at {
			return o.barrier(real)
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

func (o *owner) enters(info os.FileInfo) bool {
	mode, bit := info.Mode().Perm(), os.FileMode(0o001)
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		switch {
		case st.Uid == o.uid:
			bit = 0o100
		case st.Gid == o.gid:
			bit = 0o010
		}
	}
	return mode&bit != 0
}

// command prepares a program that runs as the owner in a group of its own,
// which ends with ctx.
func (o *owner) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if o != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: o.uid, Gid: o.gid}
	}
	return cmd
}

// lockDir takes the data folder for this process; the lock ends with it.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%w (%s)", ErrInUse, dir)
	}
	return f, nil
}
