/* aot.wasm as native code of this board (tools/front-end-image.mjs), run in place. */

	.section .text.wx_front_end, "ax", %progbits
	.balign 64
	.global wx_front_end_image
wx_front_end_image:
	.incbin FRONT_END_IMAGE
	.global wx_front_end_image_end
wx_front_end_image_end:
	.balign 4

	.section .note.GNU-stack, "", %progbits
