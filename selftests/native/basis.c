// SPDX-License-Identifier: GPL-2.0
/* Native double of a seam: nobody else looks at what an authentication stands on. */
#include "ike/seam.h"
#include "native.h"

void isakmp_basis_set(struct ike_sa *sa, struct ike_basis *b)
{
	native_process(__func__);
	isakmp_free(sa->basis);
	sa->basis = b;
}
