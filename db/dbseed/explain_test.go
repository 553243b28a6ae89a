package dbseed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
)

// explainer records the plan of every statement that a desk runs, by auto_explain: the plan that
// PostgreSQL used, either a custom or a generic one.
type explainer struct {
	pool     *pgxpool.Pool
	mu       sync.Mutex
	messages []string
}

// explained is one statement that was run.
type explained struct {
	Query string  // its name, or its text if it has none
	Took  float64 // ms
	Plan  node
}

// node is a step of a plan in the JSON of EXPLAIN.
type node struct {
	Type        string  `json:"Node Type"`
	Operation   string  `json:"Operation"`
	Parent      string  `json:"Parent Relationship"`
	Subplan     string  `json:"Subplan Name"`
	Index       string  `json:"Index Name"`
	Relation    string  `json:"Relation Name"`
	Function    string  `json:"Function Name"`
	CTE         string  `json:"CTE Name"`
	Direction   string  `json:"Scan Direction"`
	Rows        float64 `json:"Actual Rows"` // the average per loop
	Loops       float64 `json:"Actual Loops"`
	Filtered    float64 `json:"Rows Removed by Filter"`
	Rechecked   float64 `json:"Rows Removed by Index Recheck"`
	SortSpace   string  `json:"Sort Space Type"`
	HashBatches int     `json:"Hash Batches"`
	TempWritten int     `json:"Temp Written Blocks"`
	Plans       []node  `json:"Plans"`
}

// newExplainer opens one connection, so that prepared statements are reused.
func newExplainer(t *testing.T, url string) *explainer {
	t.Helper()
	sep := "?"
	if strings.Contains(url, "?") {
		sep = "&"
	}
	first, err := db.Open(t.Context(), url+sep+"statement_timeout=60s", 1) // some statements are only for the test and are slow
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	cfg, e := first.Config(), &explainer{}
	cfg.ConnConfig.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.messages = append(e.messages, n.Message)
	}
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `load 'auto_explain'; set auto_explain.log_level = notice; set auto_explain.log_min_duration = 0;
			set auto_explain.log_analyze = on; set auto_explain.log_timing = off; set auto_explain.log_buffers = on; set auto_explain.log_format = json`)
		return err
	}
	if e.pool, err = pgxpool.NewWithConfig(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.pool.Close)
	return e
}

// run executes a statement.
func (e *explainer) run(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := e.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// statements returns the statements that were run since [explainer.forget].
func (e *explainer) statements(t *testing.T) []explained {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []explained
	for _, message := range e.messages {
		var took float64
		var p struct {
			Text string `json:"Query Text"`
			Plan node
		}
		head, body, ok := strings.Cut(message, "plan:\n")
		if !ok {
			continue
		}
		if _, err := fmt.Sscanf(head, "duration: %f ms", &took); err != nil {
			t.Fatal(err, head)
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err, body)
		}
		all = append(all, explained{queryName(p.Text), took, p.Plan})
	}
	return all
}

// forget discards the statements so far.
func (e *explainer) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.messages = nil
}

var named = regexp.MustCompile(`^-- name: (\w+)`)

// queryName returns the name of a query of sqlc, and for others the text on one line.
func queryName(text string) string {
	if m := named.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return strings.Join(strings.Fields(text), " ")
}

// shape writes the parts of a plan that are the same in each run: the steps, their indexes and
// their order.
func (n node) shape(b *strings.Builder, depth int) {
	fmt.Fprintf(b, "%s%s", strings.Repeat("  ", depth), n.Type)
	if n.Operation != "" && n.Type == "ModifyTable" {
		fmt.Fprintf(b, " (%s)", n.Operation)
	}
	if n.Direction == "Backward" {
		b.WriteString(" backward")
	}
	if n.Index != "" {
		fmt.Fprintf(b, " by %s", n.Index)
	}
	if on := n.Relation + n.Function + n.CTE; on != "" {
		fmt.Fprintf(b, " on %s", on)
	}
	if n.Subplan != "" {
		fmt.Fprintf(b, ", %s", n.Subplan)
	}
	b.WriteString("\n")
	for _, p := range n.Plans {
		p.shape(b, depth+1)
	}
}

// each calls f for the step and all steps below it.
func (n node) each(f func(node)) {
	f(n)
	for _, p := range n.Plans {
		p.each(f)
	}
}

// touched returns the number of rows that were read from the tables that grow, including the
// rows that were filtered out. Categories and teams are few: PostgreSQL reads them whole for each
// row that shows the name of one.
func (n node) touched() (rows float64) {
	n.each(func(s node) {
		if s.Relation != "" && s.Relation != "categories" && s.Relation != "teams" && s.Type != "ModifyTable" {
			rows += s.Loops * (s.Rows + s.Filtered + s.Rechecked)
		}
	})
	return rows
}

// faults returns the steps of a plan that are not allowed on a large desk.
func (n node) faults() (all []string) {
	n.each(func(s node) {
		switch {
		case s.Type == "Seq Scan" && s.Loops > 0 && strings.HasPrefix(s.Relation, "ticket") && s.Relation != "ticket_counts" || s.Type == "Seq Scan" && s.Relation == "attachments":
			all = append(all, "reads the whole of "+s.Relation)
		case s.SortSpace == "Disk", s.HashBatches > 1, s.TempWritten > 0:
			all = append(all, "does not fit in memory: "+s.Type)
		}
	})
	return all
}
