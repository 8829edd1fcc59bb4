/* One jump for each function of FUNCTIONS: the arguments stay where the caller put them. */
#if defined(__x86_64__)
#define FORWARD(name) \
  .globl name; .type name, @function; .p2align 4; \
  name: endbr64; jmp *target_##name(%rip); .size name, . - name;
#elif defined(__aarch64__)
#define FORWARD(name) \
  .globl name; .type name, %function; .p2align 4; \
  name: bti c; adrp x16, target_##name; ldr x16, [x16, :lo12:target_##name]; br x16; .size name, . - name;
#else
#error "the bridge knows x86-64 and aarch64"
#endif

  .text
#include FUNCTIONS
  .section .note.GNU-stack, "", %progbits
