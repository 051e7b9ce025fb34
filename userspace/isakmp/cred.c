// SPDX-License-Identifier: GPL-2.0
#include "keys.h"

static const char *const cred_types[] = {
	[ISAKMP_CRED_PSK] = "psk",
	[ISAKMP_CRED_X509] = "x509",
	[ISAKMP_CRED_KEY] = "key",
	[ISAKMP_CRED_PUBKEY] = "pubkey",
	[ISAKMP_CRED_CA] = "ca",
	[ISAKMP_CRED_USERS] = "users",
	[ISAKMP_CRED_USER] = "user",
};

static const struct key keys[] = {
	KEY("name", type_name, ISAKMP_CRED_NAME,
	    KEY_ID | KEY_POS | KEY_FILTER, "its name"),
	KEY("type", type_names, ISAKMP_CRED_TYPE, KEY_NEED | KEY_POS,
	    "shared secret; our certificate; our key; a peer's key; authorities; names and "
	    "passwords of users; our password as a user (XAUTH)",
	    NAMES(cred_types)),
	KEY("id", type_id, ISAKMP_CRED_ID, KEY_SET | KEY_LIST,
	    "psk, pubkey: the peers; x509, key, user: who we are with it"),
	KEY("file", type_path, ISAKMP_CRED_FILE, KEY_NEED,
	    "where the helper finds it; x509: the certificate, then its chain"),
	KEY("key", type_path, ISAKMP_CRED_KEY_FILE, KEY_SET,
	    "x509: where the helper finds the private key"),
	{ 0 }
};

static const struct verb verbs[] = {
	VERB_ADD, VERB_SET, VERB_REPLACE, VERB_DEL, VERB_SHOW, VERB_FLUSH,
	{ 0 }
};

const struct object object_cred = {
	.name = "cred",
	.help = "where the helper finds a secret, key or certificate, and whose it is",
	.verbs = verbs,
	.keys = keys,
	.attr = ISAKMP_A_CRED,
	.kind = ISAKMP_KIND_CRED,
	.get = ISAKMP_CMD_CRED_GET,
	.new = ISAKMP_CMD_CRED_NEW,
	.del = ISAKMP_CMD_CRED_DEL,
};
