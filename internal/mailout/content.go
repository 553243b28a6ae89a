package mailout

import "time"

// Content is the content of a mail, from which its text and its HTML are made.
type Content struct {
	DeskName string
	DeskURL  string
	Subject  string // also the title of the HTML
	Intro    []string
	Entries  []Entry
	Button   Link     // the main link; none if its address is ""
	Notes    []string // small print after the link
	// Signature is that of the mailbox.
	Signature string
	// Unsubscribe is the address of the page that ends such mails, or "".
	Unsubscribe string
}

// Entry is an event that a mail describes.
type Entry struct {
	Title string // such as the subject of the ticket; "" for none
	URL   string // of the title
	Meta  string // such as the author and the time
	Text  string // in the markup of comments
	Files []File

	Quoted bool // in plain text each line of Text has a mark before it, so that it cannot look like another entry
}

// File is a file of an entry. It is attached to the mail, or linked.
type File struct {
	Name     string
	Size     int64
	URL      string
	Attached bool
}

// Link is a link with its label.
type Link struct{ Label, URL string }

// AccountMail is a mail that is not about a ticket, such as one that resets a password.
type AccountMail struct {
	Kind    Kind
	UserID  int64     // 0 for an address without an account; a disabled account gets nothing
	Email   string    // the address of the account, which it must still have when the mail is sent; "" to not check
	To      string    // the address to which it is sent
	Name    string    // of the recipient, or ""
	Expires time.Time // the mail is not sent later; three days from now if zero
	Content Content
}
