package desk

import (
	"encoding/base64"
	"fmt"
)

// HashWith is a hash of other parameters than today's.
func HashWith(password string, memory, time uint32) string {
	salt := []byte("somesaltsomesalt")
	key := derive(password, salt, time, memory, 1)
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", memory, time, base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}
