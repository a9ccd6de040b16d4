/* SPDX-License-Identifier: MIT */
/* libFuzzer target: any bytes, in any slices, through the frame reader; what is accepted must be usable. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "exec/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_reader reader = FRAME_READER_INIT;
	struct frame frame;
	int r = 0;
	size_t slice = size ? 1 + data[0] % 64u : 1;

	for (size_t at = 0; at < size && r >= 0; at += slice) {
		frame_reader_feed(&reader, data + at, size - at < slice ? size - at : slice);
		while ((r = frame_reader_next(&reader, &frame, NULL)) > 0) {
			assert(json_is_object(frame.head));
			assert(frame.blob_len < FRAME_MAX);
			(void)frame_key(&frame);
			(void)frame_int(&frame, "seq", 0);
			frame_release(&frame);
		}
	}
	frame_reader_release(&reader);
	return 0;
}
