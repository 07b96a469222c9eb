namespace RawWs.Fuzz;

/// <summary>What became of a request head.</summary>
internal sealed record HeadOutcome
{
    public static readonly HeadOutcome Incomplete = new();

    /// <summary>Whether the head was read to its end.</summary>
    public bool IsComplete { get; init; }

    public bool HasValidHost { get; init; }

    public bool IsHandshake { get; init; }

    /// <summary>Status and reason of a refusal.</summary>
    public string Refusal { get; init; } = "";

    public int Length { get; init; }

    public string Method { get; init; } = "";

    public string Path { get; init; } = "";

    public string Query { get; init; } = "";

    public IReadOnlyList<(string Name, string Value)> Fields { get; init; } = [];

    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    public bool Equals(HeadOutcome? other)
        => other is not null
            && (IsComplete, HasValidHost, IsHandshake, Refusal, Length, Method, Path, Query)
                == (other.IsComplete, other.HasValidHost, other.IsHandshake, other.Refusal, other.Length, other.Method, other.Path, other.Query)
            && Fields.SequenceEqual(other.Fields)
            && Subprotocols.SequenceEqual(other.Subprotocols);

    public override int GetHashCode() => HashCode.Combine(IsComplete, Refusal, Length, Path);

    public override string ToString() => IsComplete
        ? $"{Method} {Path} ?{Query} [{string.Join("; ", Fields.Select(field => $"{field.Name}={field.Value}"))}] {(IsHandshake ? "is a handshake" : Refusal)}"
        : Refusal.Length > 0 ? Refusal : "incomplete";
}
