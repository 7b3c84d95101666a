package dashboard

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/fnv"
	"strings"
)

// A UID in Grafana has at most 40 characters. Ours are ten characters made from the name of the service,
// a "-", and the subject of the dashboard. Names of SLIs contain no "-", so subjects that do cannot
// collide with them.
const (
	serviceDigits = 10
	maxNameLength = 40 - serviceDigits - 1
	cutDigits     = 12
)

// UID returns the UID of the dashboard of an SLI, which is always the same for the same names. SLI names
// of up to 29 characters are contained in it; longer ones are truncated and made unique by a hash.
func UID(service, sli string) string {
	if len(sli) > maxNameLength {
		sli = sli[:maxNameLength-1-cutDigits] + "-" + digest(sli, cutDigits)
	}
	return digest(service, serviceDigits) + "-" + sli
}

// ServiceUID returns the UID of the overview of a service.
func ServiceUID(service string) string { return digest(service, serviceDigits) + "-all-slis" }

// CategoryUID returns the UID of the overview of a feature category of a service.
func CategoryUID(service, category string) string {
	return digest(service, serviceDigits) + "-category-" + digest(category, cutDigits)
}

// AlertURL returns a template for [rules.WithDashboardURL] that links an alert to the dashboard of its
// SLI. The base is the address of Grafana, such as "https://grafana.example.com". It works for SLI names
// of up to 29 characters; see [UID].
func AlertURL(base, service string) string {
	return strings.TrimRight(base, "/") + "/d/" + digest(service, serviceDigits) + "-{sli}?var-job={job}"
}

func digest(text string, digits int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:digits]
}

// identify gives each panel an ID made from what it shows, not from its position. Links to a panel
// therefore stay valid when other panels come and go.
func identify(panels []*panel) {
	taken := make(map[uint32]bool, len(panels))
	for _, p := range panels {
		h := fnv.New32a()
		_, _ = h.Write([]byte(p.key)) // never fails
		id := h.Sum32()%maxPanelID + 1
		for taken[id] {
			id++
		}
		taken[id] = true
		p.ID = id
	}
}

// maxPanelID keeps IDs short enough to be readable in a URL.
const maxPanelID = 1 << 24
