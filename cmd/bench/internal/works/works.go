// Package works has the measurements of the bench. A work loads the desk in one way, in turns with
// its limit, and adds rows to the report.
package works

import (
	"context"
	"slices"
	"strings"
	"time"
)

// work is one thing to measure. Several works may share a name.
type work struct {
	name    string        // in --only and at the beginning of its rows
	code    string        // another name that --only accepts
	part    string        // which part of the works of that name it is, or ""
	desk    bool          // requires the seeded desk
	needed  bool          // if it fails, the run ends
	turns   float64       // how many runs of a load it takes, times --runs
	extra   time.Duration // how long it takes in addition
	measure func(*bench, context.Context) error
}

// works are in the order in which they are measured.
var works = []work{
	{name: "start", code: "P10", extra: 12 * time.Second, measure: (*bench).starts},
	{name: "memory", code: "P6", part: "idle", desk: true, extra: time.Second, measure: (*bench).idleMemory},
	{name: "ticket list", code: "P1", desk: true, turns: 3, extra: 2 * time.Second, measure: (*bench).list},
	{name: "one ticket", code: "P2", desk: true, turns: 3, extra: 2 * time.Second, measure: (*bench).ticket},
	{name: "comment", code: "P3", desk: true, turns: 2, extra: time.Second, measure: (*bench).comment},
	{name: "comment with mail", extra: 60 * time.Second, turns: 2, measure: (*bench).commentWithMail},
	{name: "chat", code: "P4", desk: true, turns: 5, extra: 15 * time.Second, measure: (*bench).chat},
	{name: "socket.io", code: "P11", desk: true, turns: 2, extra: 150 * time.Second, measure: (*bench).socketIO},
	{name: "api", desk: true, turns: 10, extra: 5 * time.Second, measure: (*bench).api},
	{name: "whole list", code: "P8", desk: true, turns: 4, extra: 20 * time.Second, measure: (*bench).wholeList},
	{name: "memory", code: "P6", part: "under load", desk: true, extra: time.Second, measure: (*bench).peakMemory},
	{name: "open sockets", code: "P5", part: "10,000 of them", desk: true, extra: 130 * time.Second, measure: (*bench).crowd},
	{name: "open sockets", code: "P5", part: "a stuck reader", desk: true, extra: 40 * time.Second, measure: (*bench).stuckReader},
	{name: replicasName, code: "P13", desk: true, turns: 10, extra: 60 * time.Second, measure: (*bench).replicas},
	{name: "page weight", code: "P9", desk: true, extra: time.Second, measure: (*bench).weight},
	{name: poolerName, desk: true, turns: 6, extra: 5 * time.Second, measure: (*bench).pooler},
	{name: "hostile text", code: "P12", extra: time.Second, measure: (*bench).hostileText},
	{name: growthName, code: "P7", measure: (*bench).compareGrowth},
}

// title is the name and the part of a work.
func (w work) title() string {
	if w.part == "" {
		return w.name
	}
	return w.name + ", " + w.part
}

// Names returns the names of all works, each once.
func Names() []string {
	var names []string
	for _, w := range works {
		if !slices.Contains(names, w.name) {
			names = append(names, w.name)
		}
	}
	return names
}

// nameOf returns the name of a work from its name or code, in upper or lower case.
func nameOf(text string) (string, bool) {
	text = strings.TrimSpace(text)
	for _, w := range works {
		if strings.EqualFold(text, w.name) || w.code != "" && strings.EqualFold(text, w.code) {
			return w.name, true
		}
	}
	return "", false
}
