package otelsli

// Product2 returns all combinations of two lists of label values, made by f, in order:
//
//	otelsli.Product2(channels, tiers, func(c string, t Tier) Labels { return Labels{c, t} })
func Product2[A, B, L any](as []A, bs []B, f func(A, B) L) []L {
	all := make([]L, 0, len(as)*len(bs))
	for _, a := range as {
		for _, b := range bs {
			all = append(all, f(a, b))
		}
	}
	return all
}

// Product3 returns all combinations of three lists of label values, made by f, in order.
func Product3[A, B, C, L any](as []A, bs []B, cs []C, f func(A, B, C) L) []L {
	all := make([]L, 0, len(as)*len(bs)*len(cs))
	for _, a := range as {
		all = append(all, Product2(bs, cs, func(b B, c C) L { return f(a, b, c) })...)
	}
	return all
}
