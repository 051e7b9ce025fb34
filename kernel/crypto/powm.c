// SPDX-License-Identifier: GPL-2.0
/*
 * MODP groups with a prime below 1536 bits, which the crypto API's "dh" refuses: by the
 * numbers that it is made of.  Nobody gets one who has not named it.
 */
#include <linux/fips.h>
#include <linux/mpi.h>
#include <linux/string.h>

#include "crypto/group.h"
#include "crypto/modp.h"

#if IS_REACHABLE(CONFIG_MPILIB)

/* The number, as long as the prime. */
static int powm_write(MPI n, u8 *out, unsigned int len)
{
	unsigned int took = 0;
	int sign = 0, err;

	err = mpi_read_buffer(n, out, len, &took, &sign);
	if (err || sign)
		return err ?: -EINVAL;
	memmove(out + len - took, out, took);
	memset(out, 0, len - took);
	return 0;
}

/**
 * isakmp_powm() - as isakmp_group_run(), of a group whose prime is short
 * @group: the group, of kind ISAKMP_KEX_MODP
 * @private: a private key, @group->private octets
 * @peer: the peer's public value, isakmp_modp_valid(); NULL: the generator
 * @out: @group->pub octets
 *
 * Context: Process.
 * Return: 0; -ENOMEM; -EOPNOTSUPP: not in FIPS mode, as the API has it.
 */
int isakmp_powm(const struct isakmp_group *group, const u8 *private, const u8 *peer, u8 *out)
{
	static const u8 generator = 2;
	MPI base, exponent, prime, power;
	int err = -ENOMEM;

	if (fips_enabled)
		return -EOPNOTSUPP;
	base = mpi_read_raw_data(peer ?: &generator, peer ? group->pub : 1);
	exponent = mpi_read_raw_data(private, group->private);
	prime = mpi_read_raw_data(isakmp_modp_prime(group), group->pub);
	power = mpi_alloc(0);
	if (base && exponent && prime && power)
		err = mpi_powm(power, base, exponent, prime) ?:
		      powm_write(power, out, group->pub);
	/* They are zeroed */
	mpi_free(power);
	mpi_free(prime);
	mpi_free(exponent);
	mpi_free(base);
	return err;
}

#else

int isakmp_powm(const struct isakmp_group *group, const u8 *private, const u8 *peer, u8 *out)
{
	return -EOPNOTSUPP;
}

#endif
