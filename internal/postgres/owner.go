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

// owner is the unprivileged user that the server runs as if this program runs as root,
// which PostgreSQL does not allow for itself. A nil owner is the user of this program.
type owner struct {
	uid, gid uint32
	name     string
}

// findOwner returns the user postgres or nobody if this program runs as root, and
// otherwise nil.
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

// makeDir makes a folder, if it is missing, and lets only the owner access it.
func (o *owner) makeDir(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if o == nil {
		return restrict(dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	return os.Chown(dir, int(o.uid), int(o.gid))
}

// restrict sets the mode of a folder to 0700 if others have access, because PostgreSQL does
// not start otherwise. It ignores a folder of another user; PostgreSQL then reports it.
func restrict(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	if err := os.Chmod(dir, 0o700); !errors.Is(err, os.ErrPermission) {
		return err
	}
	return nil
}

// user returns the name or number of the owner for a command line.
func (o *owner) user() string {
	if o == nil {
		return strconv.Itoa(os.Geteuid())
	}
	return o.name
}

// barrier returns the nearest folder at or above dir that the owner cannot enter, or "" if
// the owner can reach dir. Missing folders are skipped, because they are made later. Links
// are followed, and the folders above their targets are checked as well.
func (o *owner) barrier(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && info.IsDir() && !o.mayEnter(info) {
			return at // a file in the path is reported when folders are made below it
		}
		if real, err := filepath.EvalSymlinks(at); err == nil && real != at {
			return o.barrier(real)
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// mayEnter reports whether the owner has the right to enter a folder.
func (o *owner) mayEnter(info os.FileInfo) bool {
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

// command returns a command that runs as the owner in a process group of its own. The
// group is killed when ctx ends.
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

// How often and how long [lockDir] tries. A process that is being started has copies of
// this program's descriptors, and with them a lock that is closed here, until its exec.
const (
	lockTries = 20
	lockPause = 25 * time.Millisecond
)

// lockDir locks the data folder until the returned file is closed, and records whether a command
// has locked it. It returns [ErrInUse] if another process keeps the lock for half a second.
func lockDir(dir string, command bool) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	for range lockTries {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			return f, recordUse(f, command)
		}
		time.Sleep(lockPause)
	}
	f.Close()
	return nil, fmt.Errorf("%w (%s)", ErrInUse, dir)
}

// Account returns the user that a PostgreSQL runs as if this program runs as root, and otherwise nil.
func Account() (*syscall.Credential, error) {
	o, err := findOwner()
	if o == nil || err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: o.uid, Gid: o.gid}, nil
}
