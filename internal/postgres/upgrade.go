package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"frontdesk/internal/durable"
	"frontdesk/internal/killpoint"
)

// Names below the data folder.
const (
	upgradeName  = "upgrade"  // the folder of a running upgrade, which has a new cluster
	completeName = "complete" // the file in it that exists when the new cluster is complete
)

// Upgrade moves the data of a cluster to a new one of a newer major version. The caller copies
// the data from Old to New, and then calls Finish. Until then the old cluster is unchanged.
type Upgrade struct {
	Old, New *Cluster
	dir      string // DataDir
}

// Upgradable returns the major version of the cluster in opts.DataDir and the newest one whose
// programs are installed. ok is true if the second is newer, and the programs of the first
// are there as well: installed, or downloaded earlier.
func Upgradable(ctx context.Context, opts Options) (from, to string, ok bool) {
	from = clusterVersion(filepath.Join(opts.DataDir, "postgres"))
	have, err := strconv.Atoi(from)
	if err != nil || opts.BinDir != "" {
		return from, "", false
	}
	_, newest := installed(ctx, "")
	if newest <= have {
		return from, "", false
	}
	if old, _ := installed(ctx, from); old == "" {
		o, err := findOwner()
		if err != nil || fetched(ctx, filepath.Join(opts.DataDir, "postgres-bin"), o, from) == "" {
			return from, "", false
		}
	}
	return from, strconv.Itoa(newest), true
}

// BeginUpgrade starts the cluster in opts.DataDir, in which no transaction can write, and a new
// one of the newest installed major version in a folder below. It returns [ErrInUse] if
// another process uses the cluster. The caller must call Close.
func BeginUpgrade(ctx context.Context, opts Options) (*Upgrade, error) {
	bin, _ := installed(ctx, "")
	dir, err := filepath.Abs(opts.DataDir)
	if err != nil {
		return nil, err
	}
	opts.DataDir = dir
	old := opts
	old.Settings = map[string]string{"default_transaction_read_only": "on"} // other commands may join
	u := &Upgrade{dir: dir}
	if u.Old, err = Start(ctx, old); err != nil {
		return nil, err
	}
	opts.DataDir, opts.BinDir = filepath.Join(dir, upgradeName), bin
	if u.New, err = Start(ctx, opts); err != nil {
		return nil, errors.Join(err, u.Close())
	}
	return u, nil
}

// Finish stops both clusters and replaces the old one by the new one. The old one is kept, in
// the folder that is returned. If the program ends meanwhile, the next Start continues.
func (u *Upgrade) Finish(ctx context.Context) (kept string, err error) {
	if err := u.New.Stop(ctx); err != nil {
		return "", err
	}
	u.New = nil
	if err := u.Old.server.stop(ctx); err != nil {
		return "", err
	}
	killpoint.Reach("upgrade stopped")
	if err := durable.WriteFile(filepath.Join(u.dir, upgradeName, completeName), nil); err != nil {
		return "", err
	}
	killpoint.Reach("upgrade complete")
	return replaceCluster(u.dir)
}

// Close stops the clusters that are running. Unless Finish has succeeded, it removes the new one.
func (u *Upgrade) Close() error {
	ctx := context.Background()
	var errs []error
	if u.New != nil {
		errs = append(errs, u.New.Stop(ctx), os.RemoveAll(filepath.Join(u.dir, upgradeName)))
	}
	return errors.Join(append(errs, u.Old.Stop(ctx))...)
}

// settleUpgrade completes an upgrade that was interrupted after its new cluster was complete,
// and removes one that was interrupted before. The caller has the lock of dir.
func (c *Cluster) settleUpgrade(ctx context.Context, dir string) error {
	folder := filepath.Join(dir, upgradeName)
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := stopLeftover(ctx, filepath.Join(folder, "postgres"), c.opts.Log); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(folder, completeName)); err != nil {
		c.opts.Log.Warn("removing an interrupted database upgrade", "folder", folder)
		return os.RemoveAll(folder)
	}
	if err := stopLeftover(ctx, c.data, c.opts.Log); err != nil {
		return err
	}
	kept, err := replaceCluster(dir)
	c.opts.Log.Info("interrupted database upgrade completed", "kept", kept)
	return err
}

// replaceCluster renames the old cluster, if it has its old name, and then the new one, and
// removes the folder of the upgrade. It returns the folder of the old cluster, or "" if an
// earlier call has renamed it.
func replaceCluster(dir string) (kept string, err error) {
	data, made := filepath.Join(dir, "postgres"), filepath.Join(dir, upgradeName, "postgres")
	if clusterVersion(made) != "" {
		if version := clusterVersion(data); version != "" {
			kept = unusedName(data + "-" + version)
			err = os.Rename(data, kept)
		} else if err = os.Remove(data); errors.Is(err, os.ErrNotExist) { // an empty folder
			err = nil
		}
		if err != nil {
			return "", err
		}
		killpoint.Reach("upgrade old renamed")
		if err := os.Rename(made, data); err != nil {
			return "", err
		}
		killpoint.Reach("upgrade new renamed")
		if err := durable.SyncFolder(dir); err != nil {
			return "", err
		}
	}
	return kept, os.RemoveAll(filepath.Join(dir, upgradeName))
}

// unusedName returns path, or path with a number if there is such a file.
func unusedName(path string) string {
	name := path
	for i := 2; ; i++ {
		if _, err := os.Lstat(name); errors.Is(err, os.ErrNotExist) {
			return name
		}
		name = fmt.Sprintf("%s-%d", path, i)
	}
}
