// The limit for `many_runs.py`: 1000 rounds of SimGD on the GAN with the R1 penalty, vectorised by hand.
// Four vectors in flight hide the latency of the exponential; two threads share the starts.
#include <immintrin.h>
#include <pthread.h>
#include <stdint.h>

typedef struct {
    float *theta, *psi;
    int64_t count;
    int steps;
    float h, gamma;
} job_f;

// e^x for float: x = n log 2 + r, a polynomial of degree 6 in r, and n into the exponent. Clamped to finite results.
static inline __m256 exp_f(__m256 x) {
    x = _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(-87.0f)), _mm256_set1_ps(88.0f));
    __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), x);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4f), r);
    __m256 p = _mm256_set1_ps(1.9875691500e-4f);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.3981999507e-3f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(8.3334519073e-3f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(4.1665795894e-2f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.6666665459e-1f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(5.0000001201e-1f));
    p = _mm256_fmadd_ps(_mm256_mul_ps(p, r), r, _mm256_add_ps(r, _mm256_set1_ps(1.0f)));
    __m256i e = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(p, _mm256_castsi256_ps(e));
}

static void *run_f(void *argument) {
    job_f *job = argument;
    const __m256 h = _mm256_set1_ps(job->h), hg = _mm256_set1_ps(job->h * job->gamma), one = _mm256_set1_ps(1.0f);
    for (int64_t i = 0; i < job->count; i += 32) {
        __m256 t[4], p[4];
        for (int j = 0; j < 4; j++) {
            t[j] = _mm256_loadu_ps(job->theta + i + 8 * j);
            p[j] = _mm256_loadu_ps(job->psi + i + 8 * j);
        }
        for (int k = 0; k < job->steps; k++)
            for (int j = 0; j < 4; j++) {
                __m256 s = _mm256_div_ps(h, _mm256_add_ps(one, exp_f(_mm256_mul_ps(t[j], p[j]))));
                __m256 next = _mm256_fnmadd_ps(p[j], s, t[j]);
                p[j] = _mm256_fnmadd_ps(hg, p[j], _mm256_fmadd_ps(t[j], s, p[j]));
                t[j] = next;
            }
        for (int j = 0; j < 4; j++) {
            _mm256_storeu_ps(job->theta + i + 8 * j, t[j]);
            _mm256_storeu_ps(job->psi + i + 8 * j, p[j]);
        }
    }
    return 0;
}

void simgd_r1_f(float *theta, float *psi, int64_t count, int steps, float h, float gamma, int threads) {
    pthread_t thread[64];
    job_f job[64];
    int64_t share = (count / threads + 31) / 32 * 32;
    for (int i = 0; i < threads; i++) {
        int64_t first = share * i, last = first + share < count ? first + share : count;
        job[i] = (job_f){theta + first, psi + first, last - first, steps, h, gamma};
        pthread_create(&thread[i], 0, run_f, &job[i]);
    }
    for (int i = 0; i < threads; i++) pthread_join(thread[i], 0);
}

typedef struct {
    double *theta, *psi;
    int64_t count;
    int steps;
    double h, gamma;
} job_d;

// The same for double: a polynomial of degree 11.
static inline __m256d exp_d(__m256d x) {
    x = _mm256_min_pd(_mm256_max_pd(x, _mm256_set1_pd(-708.0)), _mm256_set1_pd(708.0));
    __m256d n = _mm256_round_pd(_mm256_mul_pd(x, _mm256_set1_pd(1.4426950408889634)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256d r = _mm256_fnmadd_pd(n, _mm256_set1_pd(6.93145751953125e-1), x);
    r = _mm256_fnmadd_pd(n, _mm256_set1_pd(1.42860682030941723212e-6), r);
    static const double c[] = {1 / 39916800.0, 1 / 3628800.0, 1 / 362880.0, 1 / 40320.0, 1 / 5040.0, 1 / 720.0,
                               1 / 120.0, 1 / 24.0, 1 / 6.0, 0.5, 1.0, 1.0};
    __m256d p = _mm256_set1_pd(c[0]);
    for (int i = 1; i < 12; i++) p = _mm256_fmadd_pd(p, r, _mm256_set1_pd(c[i]));
    __m256i e = _mm256_cvtepi32_epi64(_mm256_cvtpd_epi32(n));
    e = _mm256_slli_epi64(_mm256_add_epi64(e, _mm256_set1_epi64x(1023)), 52);
    return _mm256_mul_pd(p, _mm256_castsi256_pd(e));
}

static void *run_d(void *argument) {
    job_d *job = argument;
    const __m256d h = _mm256_set1_pd(job->h), hg = _mm256_set1_pd(job->h * job->gamma), one = _mm256_set1_pd(1.0);
    for (int64_t i = 0; i < job->count; i += 16) {
        __m256d t[4], p[4];
        for (int j = 0; j < 4; j++) {
            t[j] = _mm256_loadu_pd(job->theta + i + 4 * j);
            p[j] = _mm256_loadu_pd(job->psi + i + 4 * j);
        }
        for (int k = 0; k < job->steps; k++)
            for (int j = 0; j < 4; j++) {
                __m256d s = _mm256_div_pd(h, _mm256_add_pd(one, exp_d(_mm256_mul_pd(t[j], p[j]))));
                __m256d next = _mm256_fnmadd_pd(p[j], s, t[j]);
                p[j] = _mm256_fnmadd_pd(hg, p[j], _mm256_fmadd_pd(t[j], s, p[j]));
                t[j] = next;
            }
        for (int j = 0; j < 4; j++) {
            _mm256_storeu_pd(job->theta + i + 4 * j, t[j]);
            _mm256_storeu_pd(job->psi + i + 4 * j, p[j]);
        }
    }
    return 0;
}

void simgd_r1_d(double *theta, double *psi, int64_t count, int steps, double h, double gamma, int threads) {
    pthread_t thread[64];
    job_d job[64];
    int64_t share = (count / threads + 15) / 16 * 16;
    for (int i = 0; i < threads; i++) {
        int64_t first = share * i, last = first + share < count ? first + share : count;
        job[i] = (job_d){theta + first, psi + first, last - first, steps, h, gamma};
        pthread_create(&thread[i], 0, run_d, &job[i]);
    }
    for (int i = 0; i < threads; i++) pthread_join(thread[i], 0);
}
