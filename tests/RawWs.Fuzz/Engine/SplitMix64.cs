namespace RawWs.Fuzz;

/// <summary>
/// Steele, Lea and Flood's SplitMix64. Not <see cref="System.Random"/>, whose sequence may change between versions of the runtime: a seed that found
/// something must find it again.
/// </summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next() => Mix(_state += 0x9E37_79B9_7F4A_7C15);

    /// <summary>From 0 to <paramref name="bound"/> − 1. The bias is below 2⁻³², and nobody gambles here.</summary>
    public int Below(int bound) => (int)((Next() >> 32) * (ulong)bound >> 32);

    public int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>True once in <paramref name="times"/> times.</summary>
    public bool OneIn(int times) => Below(times) == 0;

    public T Of<T>(ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        foreach (ref var octet in bytes.AsSpan())
            octet = (byte)Next();

        return bytes;
    }

    /// <summary>The finalizer, which also serves to derive independent seeds.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
