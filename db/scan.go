package db

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// usualRows is the initial capacity of [RowsByName]: the rows of a page of a list.
const usualRows = 64

// RowsByName reads all rows into structs, and closes them. Each column is read into the
// field of its name without underscores: requester_id into RequesterID. A column without a
// field is an error.
//
// [pgx.RowToStructByName] looks up the fields for each row; RowsByName does it once. It
// scans enumerations as strings, without their method Scan. This saves 35 µs for the 50
// rows of a list, a sixth of the time of the query.
func RowsByName[T any](rows pgx.Rows) ([]T, error) { return rowsByName[T](rows, usualRows) }

// rowByName is [RowsByName] for a query of one row. Its error is [pgx.ErrNoRows] if there is
// none.
func rowByName[T any](rows pgx.Rows) (row T, err error) {
	all, err := rowsByName[T](rows, 1)
	if err == nil && len(all) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return row, err
	}
	return all[0], nil
}

// rowsByName is [RowsByName] with an initial capacity for rows.
func rowsByName[T any](rows pgx.Rows, capacity int) ([]T, error) {
	defer rows.Close()
	all := []T{}
	var row, none T
	var fields []any // of row
	for rows.Next() {
		if fields == nil {
			var err error
			if fields, err = fieldsOf(reflect.ValueOf(&row).Elem(), rows.FieldDescriptions()); err != nil {
				return nil, err
			}
			all = make([]T, 0, capacity)
		}
		row = none
		if err := rows.Scan(fields...); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// fieldsOf returns a pointer to the field of row that each column belongs to.
func fieldsOf(row reflect.Value, columns []pgconn.FieldDescription) ([]any, error) {
	names, ok := fieldNames.Load(row.Type())
	if !ok {
		names, _ = fieldNames.LoadOrStore(row.Type(), namesOf(row.Type()))
	}
	fields := make([]any, len(columns))
	for i, c := range columns {
		f, ok := names.(map[string]int)[strings.ReplaceAll(c.Name, "_", "")]
		if !ok {
			return nil, fmt.Errorf("%s has no field for the column %s", row.Type(), c.Name)
		}
		to := row.Field(f).Addr()
		if row.Field(f).Kind() == reflect.String {
			to = to.Convert(reflect.TypeFor[*string]())
		}
		fields[i] = to.Interface()
	}
	return fields, nil
}

var fieldNames sync.Map // reflect.Type → what namesOf returns

// namesOf returns the index of each field of t, by its name in lower case.
func namesOf(t reflect.Type) map[string]int {
	names := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		names[strings.ToLower(t.Field(i).Name)] = i
	}
	return names
}
