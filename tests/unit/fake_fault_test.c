#include "tests/unit/fake_world.h"
int main(void) { return 0; }
