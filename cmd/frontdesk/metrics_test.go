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
	served := serve(t, "DATA_DIR="+dataDir(t), "DATABASE_URL="+dbtest.NewURL(t), "METRICS_ADDR="+addr, "SLOW_QUERY=1ns")
	served.health(t)
	scrape(t, "http://"+addr+"/metrics") // it reads the state, with slow queries for the next one
	body := scrape(t, "http://"+addr+"/metrics")
	for _, name := range metricsInRules(t) {
		if !strings.Contains(body, "\n"+name) {
			t.Errorf("the desk does not offer %s", name)
		}
	}
	if !strings.Contains(body, `frontdesk_requests_total{method="GET",route="/ready",status="2xx"}`) {
		t.Error("the request before is not counted")
	}
	if !strings.Contains(body, `frontdesk_slow_queries_total{query="DoctorOutbox"}`) {
		t.Errorf("no slow query is counted: %s", body)
	}
	resp, err := http.Get(served.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("/metrics of the pages is %d, want 404", resp.StatusCode)
	}
}

// scrape returns what Prometheus reads.
func scrape(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
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
