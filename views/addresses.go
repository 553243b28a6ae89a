package views

import "frontdesk/internal/account"

// addressTitle returns the title of the page of a link to an address.
func addressTitle(l account.MailedLink) string {
	switch l.Use {
	case account.LinkUndo:
		return "Keep this address"
	case account.LinkAddress:
		return "Use this address"
	}
	return "Confirm your address"
}
