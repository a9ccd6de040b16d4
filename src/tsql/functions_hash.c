/* SPDX-License-Identifier: MIT */
/* HASHBYTES by libcrypto. MD2 and MD4, which it has no more, are refused. */
#include <openssl/evp.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tsql/function_args.h"
#include "tsql/sqlerr.h"
#include "tsql/types.h"

static const struct {
	const char *name;
	const EVP_MD *(*digest)(void);
} algorithms[] = {
	{ "MD5", EVP_md5 },
	{ "SHA", EVP_sha1 },
	{ "SHA1", EVP_sha1 },
	{ "SHA2_256", EVP_sha256 },
	{ "SHA2_512", EVP_sha512 },
	{ "MD2", NULL },
	{ "MD4", NULL },
};

FUNCTION_RUN(hashbytes)
{
	static const struct tsql_decl bytes_decl = { .type = TSQL_VARBINARY, .length = TSQL_MAX };
	enum type_family family = type_info(args[1].type)->family;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	struct tsql_value name, bytes;
	size_t i = 0;
	int r;

	(void)count;
	if (family != FAMILY_TEXT && family != FAMILY_BINARY)
		return sql_error(eval->err, 8116, "Argument data type %s is invalid for argument %d of %s function.",
		    tsql_type_name(args[1].type), 2, "hashbytes");
	r = function_text(eval, &args[0], &name);
	if (r < 0)
		return r;
	while (i < ARRAY_LEN(algorithms) && utf8_casecmp(algorithms[i].name, name.s.data) != 0)
		i++;
	tsql_value_release(&name);
	*ret = tsql_null(TSQL_VARBINARY);
	if (i == ARRAY_LEN(algorithms))
		return 0; /* an unknown one gives NULL */
	if (!algorithms[i].digest)
		return sql_error(eval->err, 40517, "Keyword or statement option 'HASHBYTES with %s' is not supported here.",
		    algorithms[i].name);
	r = tsql_value_cast(&args[1], &bytes_decl, -1, &bytes, eval->err);
	if (r < 0)
		return r;
	if (EVP_Digest(bytes.s.data, bytes.s.len, digest, &len, algorithms[i].digest(), NULL) == 1)
		*ret = tsql_varbinary(digest, len);
	else
		r = err_set(eval->err, ERR_INTERNAL, "libcrypto does not give %s", algorithms[i].name);
	tsql_value_release(&bytes);
	return r;
}

const struct function functions_hash[] = {
	{ "HASHBYTES", 2, 2, FUNCTION_STRICT, { .type = TSQL_VARBINARY, .length = 8000 }, NULL, hashbytes, AGGREGATE_NONE, NULL },
	{ .name = NULL },
};
