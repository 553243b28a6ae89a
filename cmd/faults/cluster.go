package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"frontdesk/cmd/faults/internal/cluster"
)

// runCluster runs "faults cluster": it breaks the parts of a cluster and prints the table.
func runCluster(ctx context.Context, args []string) error {
	o := cluster.Options{Progress: os.Stderr}
	flags := flag.NewFlagSet("faults cluster", flag.ContinueOnError)
	flags.StringVar(&o.Files, "files", "deploy/cluster", "folder of the configuration files")
	flags.StringVar(&o.Program, "program", "", "program of the replicas, such as another version; by default it is built")
	flags.IntVar(&o.People, "people", 0, "number of users who talk; by default 300, or 60 with -short")
	flags.BoolVar(&o.Short, "short", false, "break each part once, in less than two minutes")
	flags.BoolVar(&o.Keep, "keep", false, "keep the data and logs")
	parts := flags.String("only", "", "names of parts, separated by commas, such as primary,NATS; by default all")
	into := flags.String("into", "", "also write the table into a document, between its marks")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if o.People == 0 {
		o.People = 300
		if o.Short {
			o.People = 60
		}
	}
	if *parts != "" {
		o.Parts = strings.Split(*parts, ",")
	}
	return breakCluster(ctx, o, *into)
}

// breakCluster breaks the parts and prints the table, and writes it into a document if into is not
// "". It returns an error if a figure is above its limit.
func breakCluster(ctx context.Context, o cluster.Options, into string) error {
	start := time.Now()
	table, err := cluster.Run(ctx, o)
	if err != nil {
		return err
	}
	if err := table.Write(os.Stdout); err != nil {
		return err
	}
	fmt.Printf("\nIt took %s with %d people.\n", time.Since(start).Round(time.Second), o.People)
	if into != "" {
		if err := insert(into, table); err != nil {
			return err
		}
	}
	if len(table.Problems()) > 0 {
		return errors.New("figures are above their limits")
	}
	return nil
}
