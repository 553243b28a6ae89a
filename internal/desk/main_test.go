package desk_test

import (
	"os"
	"testing"

	"frontdesk/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
