BOARD_CC := arm-linux-gnueabihf-gcc
BOARD_FLAGS := -mthumb -march=armv7ve+vfpv4-d16 -mfloat-abi=hard
OPTIMIZE := -O2
BOARD_LIBS := -static
ISA := thumb2
