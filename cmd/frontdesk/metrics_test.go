package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/db/dbtest"
)

func TestPrometheusReadsTheMetricsThatTheRulesUse(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	served := serve(t, "DATA_DIR="+dataDir(t), "DATABASE_URL="+dbtest.NewURL(t), "METRICS_ADDR="+addr)
	served.health(t)
	resp, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range metricsInRules(t) {
		if !strings.Contains(string(body), "\n"+name) {
			t.Errorf("the desk does not offer %s", name)
		}
	}
	if !strings.Contains(string(body), `frontdesk_requests_total{method="GET",route="/ready",status="2xx"}`) {
		t.Error("the request before is not counted")
	}
	resp, err = http.Get(served.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("/metrics of the pages is %d, want 404", resp.StatusCode)
	}
}

// metricsInRules returns the names of our metrics in the rules and the dashboard.
func metricsInRules(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, file := range []string{"alerts.yml", "grafana.json"} {
		body, err := os.ReadFile("../../deploy/monitoring/" + file)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, regexp.MustCompile(`frontdesk_[a-z_]+`).FindAllString(string(body), -1)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
