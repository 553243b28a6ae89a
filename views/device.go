package views

import (
	"strings"
)

// browser returns the browser and system of a User-Agent header, such as "Firefox on Linux".
func browser(agent string) string {
	pick := func(fallback string, pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.Contains(agent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return fallback
	}
	program := pick("A browser", "Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari", "Lynx", "Lynx", "w3m", "w3m", "curl", "curl")
	system := pick("", "iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS", "macOS", "Linux", "Linux")
	if system == "" {
		return program
	}
	return program + " on " + system
}

func deviceIcon(agent string) string {
	if strings.Contains(agent, "Mobile") || strings.Contains(agent, "iPhone") || strings.Contains(agent, "Android") {
		return "phone"
	}
	return "monitor"
}
