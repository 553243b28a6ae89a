package db

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// primary is a host of the URL that accepts changes.
type primary struct {
	host string
	server
}

// checkHosts finds several hosts of the URL that accept changes and are not the same server. This
// happens if a former primary is started again after its standby was promoted.
func (e *examination) checkHosts(ctx context.Context) error {
	var found []primary
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, cfg := range hosts(e.cfg) {
		all.Go(func() {
			to, err := describeHost(ctx, cfg)
			if err != nil || to.readOnly {
				return // a host may be down; this examination is connected to another one
			}
			mu.Lock()
			defer mu.Unlock()
			found = append(found, primary{cfg.Host, to})
		})
	}
	all.Wait()
	e.found = append(e.found, twoPrimaries(found)...)
	return nil
}

// twoPrimaries returns a finding if hosts lead to different primaries. It is a warning if one of
// them has a newer timeline, because only that is used.
func twoPrimaries(all []primary) []Finding {
	var names []string
	newest, equal, others := primary{}, false, false
	for i, p := range all {
		names = append(names, p.host)
		others = others || p.started != all[0].started
		switch {
		case i == 0 || p.timeline > newest.timeline:
			newest, equal = p, false
		case p.timeline == newest.timeline && p.started != newest.started:
			equal = true
		}
	}
	if !others {
		return nil
	}
	f := Finding{Name: "primaries", Warning: !equal}
	f.Sentence = fmt.Sprintf("the hosts %s accept changes, but only one may: stop the others at once, and make them standbys with pg_rewind or pg_basebackup", strings.Join(names, " and "))
	if !equal {
		f.Sentence += fmt.Sprintf(" (Frontdesk uses %s, which was promoted last)", newest.host)
	}
	return []Finding{f}
}

// HasSeveralHosts reports whether a URL names several hosts. It returns false for a URL that
// cannot be read.
func HasSeveralHosts(url string) bool {
	cfg, err := parse(url, 1)
	return err == nil && len(hosts(cfg.ConnConfig)) > 1
}
