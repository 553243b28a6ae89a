package cluster

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"

	"frontdesk/cmd/faults/internal/topology"
	"frontdesk/internal/process"
)

// program returns the path of the program of the replicas.
func (r *run) program(ctx context.Context) (string, error) {
	if r.Program != "" {
		return filepath.Abs(r.Program)
	}
	r.say("Building the program")
	path := filepath.Join(r.dir, "frontdesk")
	return path, process.Build(ctx, path)
}

// gateway returns the path of versitygw, which has a module of its own. It is built if it is not installed.
func (r *run) gateway(ctx context.Context) (string, error) {
	if path, err := exec.LookPath(topology.GatewayProgram); err == nil {
		return path, nil
	}
	r.say("Building %s", topology.GatewayProgram)
	path := filepath.Join(r.dir, topology.GatewayProgram)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/versity/versitygw/cmd/versitygw")
	cmd.Dir = filepath.Join(r.Files, "..", "..", "internal", "blob", "s3test")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", topology.GatewayProgram, err, out)
	}
	return path, nil
}
