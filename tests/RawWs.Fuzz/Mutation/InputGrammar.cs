namespace RawWs.Fuzz;

/// <summary>Makes inputs that mean something, and changes them where it hurts. Everything it draws comes from the generator that it is given.</summary>
internal abstract class InputGrammar
{
    /// <summary>A new input, mostly legal.</summary>
    public abstract byte[] Generate(SplitMix64 random);

    /// <summary>A changed copy of any input, legal or not.</summary>
    public abstract byte[] Mutate(byte[] input, SplitMix64 random);
}
