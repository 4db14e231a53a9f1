// Matrices as a checkpoint stores them: row-major, F32, F16, BF16 or signed bytes with one float32 scale a row.
#pragma once
#include <cstdint>
#include <cuda_bf16.h>
#include <cuda_fp16.h>

enum : int32_t { STORED_F32 = 0, STORED_F16 = 1, STORED_BF16 = 2, STORED_I8 = 3 };

struct StoredMatrix {
    const void* elements;  // [rows, columns]
    const float* scale;    // [rows] for STORED_I8, else null
    int32_t columns;
    int32_t type;

    // The real number that element (row, column) stands for; scale x byte is rounded to float32, as every backend does.
    __device__ float at(int row, int column) const {
        const int64_t i = int64_t(row) * columns + column;
        switch (type) {
            case STORED_F32: return static_cast<const float*>(elements)[i];
            case STORED_F16: return __half2float(static_cast<const __half*>(elements)[i]);
            case STORED_BF16: return __bfloat162float(static_cast<const __nv_bfloat16*>(elements)[i]);
            default: return __fmul_rn(scale[row], float(static_cast<const int8_t*>(elements)[i]));
        }
    }
};
