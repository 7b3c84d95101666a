package guard

import "container/list"

// fairShare is how many connections a group may have before it counts as large: a pair of scrapers
// behind one address is not an attack.
const fairShare = 4

// A crowd is a bounded number of connections, in groups that cannot displace each other: strangers
// are grouped by address, others by identity.
type crowd struct {
	max    int
	count  int
	age    uint64 // increases with each new connection
	groups map[string]*list.List
}

// A member is one connection of a crowd.
type member struct {
	conn    *conn
	group   string
	age     uint64
	element *list.Element
}

func newCrowd(limit int) crowd { return crowd{max: limit, groups: make(map[string]*list.List)} }

func (c *crowd) len() int { return c.count }

func (c *crowd) add(conn *conn, group string) *member {
	l := c.groups[group]
	if l == nil {
		l = list.New()
		c.groups[group] = l
	}
	c.age++
	c.count++
	m := &member{conn: conn, group: group, age: c.age}
	m.element = l.PushBack(m)
	return m
}

func (c *crowd) remove(m *member) {
	l := c.groups[m.group]
	l.Remove(m.element)
	c.count--
	if l.Len() == 0 {
		delete(c.groups, m.group)
	}
}

// worst returns the oldest connection of the largest group. Groups of up to fairShare count as
// equally large; among groups of equal size, the one with the oldest connection counts.
func (c *crowd) worst() *conn {
	var worst *member
	most := 0
	for _, l := range c.groups {
		oldest, size := l.Front().Value.(*member), max(l.Len(), fairShare)
		if worst == nil || size > most || size == most && oldest.age < worst.age {
			worst, most = oldest, size
		}
	}
	if worst == nil {
		return nil
	}
	return worst.conn
}
