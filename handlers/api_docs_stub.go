package handlers

type endpoint struct{}

var docHealth, docRegister, docLogin, docListTickets, docCreateTicket, docShowTicket, docUpdateTicket, docSetStatus, docDeleteTicket, docAttach, docListComments, docAddComment, docListMessages, docSendMessage, docChat, docSocketTicket endpoint
