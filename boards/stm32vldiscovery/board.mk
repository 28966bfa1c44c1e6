# ST's value line discovery kit: STM32F100RB.
CPU = cortex-m3
OPT = -Os
TICK_HZ = 24000000
DRIVERS = irq/nvic clock/systick uart/stm32
EXC_STACK = 384
POLL_STACK = 640
SMALL = 1
MAIN_STACK = 1024
RUN_SETUP = qemu-arm
VERIFIED = QEMU 7.2
ABOUT = ST VL Discovery, STM32F100RB, 8 KB RAM
EMULATOR = qemu-system-arm -M stm32vldiscovery -nographic -semihosting-config enable=on,target=native -kernel
