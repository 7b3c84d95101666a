package rules

import "cmp"

// Mimir writes a set as a file for `mimirtool rules load`: one namespace of the ruler of Mimir or
// Cortex. Each group can also be posted to the ruler on its own. Groups are packed, see [Set.Packed].
type Mimir struct {
	// Namespace of the rules. Default and "": the name of the service.
	Namespace string
}

func (f Mimir) document(s *Set) (document, error) { //nolint:unparam // as the interface has it
	d := fileOf(s.Packed())
	d.head = map[string]string{"namespace": cmp.Or(f.Namespace, s.name)}
	return d, nil
}
