package main

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v3"

	"frontdesk/db/dbtest"
)

// manifest has the fields of a manifest of Kubernetes that the tests read.
type manifest struct {
	Kind     string
	Metadata struct{ Name string }
	Data     map[string]string
	Spec     struct {
		Replicas       int
		MaxUnavailable int `yaml:"maxUnavailable"`
		Strategy       struct {
			RollingUpdate map[string]int `yaml:"rollingUpdate"`
		}
		Template struct {
			Spec struct {
				Grace      int `yaml:"terminationGracePeriodSeconds"`
				Containers []struct {
					Ports []struct {
						ContainerPort string `yaml:"containerPort"`
					}
					StartupProbe   healthProbe `yaml:"startupProbe"`
					ReadinessProbe healthProbe `yaml:"readinessProbe"`
					LivenessProbe  healthProbe `yaml:"livenessProbe"`
				}
			}
		}
	}
}

type healthProbe struct {
	HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
}

// manifests reads the documents of all manifests, by kind.
func manifests(t *testing.T) map[string]manifest {
	t.Helper()
	files, err := filepath.Glob("../../deploy/kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("the manifests are %q (%v)", files, err)
	}
	all := map[string]manifest{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for d := yaml.NewDecoder(f); ; {
			var m manifest
			if err := d.Decode(&m); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			all[m.Kind] = m
		}
	}
	return all
}

func TestTheManifestsAskTheAddressesOfHealth(t *testing.T) {
	t.Parallel()
	all := manifests(t)
	for _, kind := range []string{"Deployment", "PodDisruptionBudget", "Secret", "ConfigMap", "PersistentVolumeClaim", "Service", "Ingress"} {
		if all[kind].Metadata.Name == "" {
			t.Errorf("there is no %s", kind)
		}
	}
	d := all["Deployment"].Spec
	if d.Replicas < 2 {
		t.Errorf("a rollout ends a replica before another has started: got %d replicas, want at least 2", d.Replicas)
	}
	if d.Strategy.RollingUpdate["maxUnavailable"] != 0 {
		t.Errorf("a rollout ends a replica before another has started: maxUnavailable is %d, want 0", d.Strategy.RollingUpdate["maxUnavailable"])
	}
	if d.Strategy.RollingUpdate["maxSurge"] < 1 {
		t.Errorf("a rollout ends a replica before another has started: maxSurge is %d, want at least 1", d.Strategy.RollingUpdate["maxSurge"])
	}
	if d.Template.Spec.Grace <= int(drain.Seconds()) {
		t.Errorf("a replica has %d s to end, want more than open requests have (%v)", d.Template.Spec.Grace, drain)
	}
	c := d.Template.Spec.Containers[0]
	if c.Ports[0].ContainerPort != all["ConfigMap"].Data["PORT"] {
		t.Errorf("the port is %s, and PORT is %s", c.Ports[0].ContainerPort, all["ConfigMap"].Data["PORT"])
	}
	served := serve(t, emptyDesk(t)...)
	for name, p := range map[string]healthProbe{"startup": c.StartupProbe, "readiness": c.ReadinessProbe, "liveness": c.LivenessProbe} {
		answer, err := http.Get(served.url + p.HTTPGet.Path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("the %s probe asks %q, which answers %d", name, p.HTTPGet.Path, answer.StatusCode)
		}
	}
	served.end(t, syscall.SIGTERM)
}

func TestEveryFileInYAMLIsValid(t *testing.T) {
	t.Parallel()
	files := []string{"../../compose.yaml", "../../Taskfile.yml"}
	err := filepath.WalkDir("../../deploy", func(path string, _ fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); ext == ".yaml" || ext == ".yml" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for d := yaml.NewDecoder(f); ; {
			var v any
			if err := d.Decode(&v); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v", file, err)
				break
			}
		}
	}
}

// TestTheProgramNeedsNoOtherFile serves a desk in a folder that has the static program, and
// nothing else but empty folders for data, as the image of a container without a system has.
func TestTheProgramNeedsNoOtherFile(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can change the root folder")
	}
	root := dataDir(t)
	program := filepath.Join(root, "frontdesk")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "frontdesk/cmd/frontdesk")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false") // -race of the tests would need cgo
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const nonroot = 65532
	data := filepath.Join(root, "data")
	if err := errors.Join(os.Mkdir(data, 0o700), os.Chown(data, nonroot, nonroot)); err != nil {
		t.Fatal(err)
	}
	attributes := &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: nonroot, Gid: nonroot}}
	port := freePort(t)
	cmd := exec.CommandContext(t.Context(), "/frontdesk")
	cmd.Dir, cmd.SysProcAttr = "/", attributes
	cmd.Env = []string{"DATABASE_URL=" + overTCP(t, dbtest.NewURL(t)), "DATA_DIR=/data", "PORT=" + port, "TIMEZONE=Asia/Kathmandu", "LOG_LEVEL=ERROR"}
	served := started(t, cmd)
	health := exec.CommandContext(t.Context(), "/frontdesk", "health")
	health.Dir, health.SysProcAttr, health.Env = "/", attributes, []string{"PORT=" + port}
	if out, err := health.CombinedOutput(); err != nil {
		t.Errorf("health: %v: %s", err, out)
	}
	p := newPerson(t, served.url)
	p.register("Ana", "ana@example.org")
	p.ticket("The rear light", "It went out")
	served.end(t, syscall.SIGTERM)
}

// overTCP returns a connection string for a database that its server offers on a Unix socket,
// through a port that forwards to the socket until the test ends.
func overTCP(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	socket := filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432")
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				client.Close()
				continue
			}
			go func() { _, _ = io.Copy(server, client); server.Close() }()
			go func() { _, _ = io.Copy(client, server); client.Close() }()
		}
	}()
	q := u.Query()
	return "postgres://" + q.Get("user") + "@" + l.Addr().String() + "/" + q.Get("dbname") + "?sslmode=disable"
}

func TestTheUnitsOfSystemdAreValid(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	units, err := filepath.Glob("../../deploy/systemd/*")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var copies []string
	for _, unit := range units {
		body, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		path, err := binary()
		if err != nil {
			t.Fatal(err)
		}
		copies = append(copies, filepath.Join(dir, filepath.Base(unit)))
		// The program is not installed where the tests run.
		if err := os.WriteFile(copies[len(copies)-1], []byte(strings.ReplaceAll(string(body), "/usr/local/bin/frontdesk", path)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", append([]string{"verify", "--man=no"}, copies...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

func TestTheRulesForAlertsAreValid(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("needs promtool (apt-get install prometheus)")
	}
	out, err := exec.CommandContext(t.Context(), program, "check", "rules", "../../deploy/monitoring/alerts.yml").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
