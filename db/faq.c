#include "db/query.h"

#include <string.h>

/* Moves a text into the entries' own memory. */
static struct slice keep_text(struct query *q, struct merchant_faq *faq)
{
	const struct slice text = query_slice_column(q);
	char *to = faq->text + faq->text_bytes;

	if (text.len > sizeof(faq->text) - faq->text_bytes) {
		q->result = db_fail(
			q->db, DB_BROKEN, "a merchant's questions and answers have more text than the schema allows");
		return SLICE("");
	}
	if (text.len)
		memcpy(to, text.data, text.len);
	faq->text_bytes += (uint32_t)text.len;
	return (struct slice){to, text.len};
}

/* Straight into the caller's memory, most of which is text. */
enum db_result db_merchant_faq(struct db *db, int64_t merchant_id, struct merchant_faq *out_faq)
{
	struct query q = query_rows(db, STATEMENT_MERCHANT_FAQ, merchant_id);
	enum db_result result = query_row(&q);

	out_faq->count = out_faq->text_bytes = 0;
	for (; result == DB_OK && out_faq->count < MERCHANT_FAQ_MAX; result = query_next_row(&q)) {
		out_faq->entries[out_faq->count].question = keep_text(&q, out_faq);
		out_faq->entries[out_faq->count++].answer = keep_text(&q, out_faq);
	}
	result = query_close_rows(&q, result, "questions and answers");
	if (result != DB_OK)
		out_faq->count = 0;
	return result;
}
