include tests/block/block.mk
