// Package metrics offers the numbers of a running desk to Prometheus.
package metrics

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts requests and slow queries, and reads the state of the desk for each scrape. It is safe for
// concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	slow     *prometheus.CounterVec
}

// seconds are the upper limits of the buckets of latencies. Most pages take 1 to 20 ms.
var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}

// methods are the methods of the routes.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// New returns the metrics of a desk of a version of the program.
func New(version string, state StateReader) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_requests_total", Help: "Answered requests, by route and class of status."}, []string{"method", "route", "status"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "frontdesk_request_seconds", Help: "Time until a request was answered, without websockets.", Buckets: seconds}, []string{"method", "route"}),
		slow:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_slow_queries_total", Help: "Statements of the database that took SLOW_QUERY or longer, by the name of the query."}, []string{"query"}),
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "frontdesk_build_info", Help: "1, with the version of the program.", ConstLabels: prometheus.Labels{"version": version}}, func() float64 { return 1 })
	m.registry.MustRegister(m.requests, m.seconds, m.slow, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &collector{state})
	return m
}

// Observe counts an answered request. route is the pattern of its route, or "" if there is
// none.
func (m *Metrics) Observe(method, route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	if !slices.Contains(methods, method) { // clients may send any word
		method = "other"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status/100)+"xx").Inc()
	if status != http.StatusSwitchingProtocols {
		m.seconds.WithLabelValues(method, route).Observe(took.Seconds())
	}
}

// SlowQuery counts a slow statement.
func (m *Metrics) SlowQuery(name string) { m.slow.WithLabelValues(name).Inc() }

// Handler returns the handler that Prometheus asks.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
