package account

import (
	"context"
	"encoding/base64"
	"fmt"
)

// HashWith returns a hash with the given parameters.
func HashWith(password string, memory, time uint32) string {
	salt := []byte("somesaltsomesalt")
	key, err := derive(context.Background(), password, salt, time, memory, 1)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", memory, time, base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// HoldHashing blocks all password hashing until the returned function is called.
func HoldHashing() (release func()) {
	for range cap(hashing) {
		hashing <- struct{}{}
	}
	return func() {
		for range cap(hashing) {
			<-hashing
		}
	}
}
