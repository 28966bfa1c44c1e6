# Netduino Plus 2: STM32F405RG.
CPU = cortex-m4f
TICK_HZ = 168000000
DRIVERS = irq/nvic clock/systick uart/stm32
RUN_SETUP = qemu-arm
VERIFIED = QEMU 7.2
ABOUT = Netduino Plus 2, STM32F405RG, 128 KB RAM
EMULATOR = qemu-system-arm -M netduinoplus2 -nographic -semihosting-config enable=on,target=native -kernel
