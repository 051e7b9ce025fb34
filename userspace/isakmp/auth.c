// SPDX-License-Identifier: GPL-2.0
#include "keys.h"

static const char *const sides[] = {
	[ISAKMP_SIDE_LOCAL] = "local",
	[ISAKMP_SIDE_REMOTE] = "remote",
};

static const char *const methods[] = {
	[ISAKMP_METHOD_PSK] = "psk",
	[ISAKMP_METHOD_PUBKEY] = "pubkey",
	[ISAKMP_METHOD_RSA_ENC] = "rsa-encryption",
	[ISAKMP_METHOD_RSA_REV] = "rsa-encryption-revised",
	[ISAKMP_METHOD_XAUTH] = "xauth",
};

static const char *const schemes[] = {
	[ISAKMP_SCHEME_RSA_PKCS1] = "rsa-pkcs1",
	[ISAKMP_SCHEME_RSA_PSS] = "rsa-pss",
	[ISAKMP_SCHEME_ECDSA] = "ecdsa",
	[ISAKMP_SCHEME_ED25519] = "ed25519",
};

static const struct key keys[] = {
	KEY("peer", type_peer, ISAKMP_AUTH_PEER, KEY_ID | KEY_FILTER,
	    "whose it is"),
	KEY("side", type_names, ISAKMP_AUTH_SIDE, KEY_ID,
	    "who proves itself: this end or the peer", NAMES(sides)),
	KEY("method", type_names, ISAKMP_AUTH_METHOD, KEY_NEED,
	    "how: with a pre-shared key, or a signature; version 1: what only the key's owner "
	    "can decrypt, or name and password alone (xauth)", NAMES(methods)),
	KEY("id", type_id_any, ISAKMP_AUTH_ID, KEY_SET,
	    "identity (default: any, for the remote side; fqdn:*.x, email:*@x: any like it)"),
	KEY("cred", type_cred, ISAKMP_AUTH_CRED, KEY_SET,
	    "the secret or key (default: the cred with the remote identity)"),
	KEY("ca", type_cred, ISAKMP_AUTH_CA, KEY_SET | KEY_LIST,
	    "pubkey, remote: who may have issued the certificate (default: any ca)"),
	KEY("scheme", type_names, ISAKMP_AUTH_SCHEME, KEY_SET | KEY_LIST,
	    "pubkey: signatures allowed, ours best first (default: all)",
	    NAMES(schemes)),
	KEY("xauth", type_cred, ISAKMP_AUTH_XAUTH, KEY_SET,
	    "version 1: name and password, too: remote: of users, local: of our user"),
	{ 0 }
};

static const struct verb verbs[] = {
	VERB_ADD, VERB_SET, VERB_REPLACE, VERB_DEL, VERB_SHOW, VERB_FLUSH,
	{ 0 }
};

const struct object object_auth = {
	.name = "auth",
	.help = "how each side of a peer proves itself",
	.verbs = verbs,
	.keys = keys,
	.attr = ISAKMP_A_AUTH,
	.kind = ISAKMP_KIND_AUTH,
	.get = ISAKMP_CMD_AUTH_GET,
	.new = ISAKMP_CMD_AUTH_NEW,
	.del = ISAKMP_CMD_AUTH_DEL,
};
