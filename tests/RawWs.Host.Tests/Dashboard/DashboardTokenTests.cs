using RawWs.Testing;

namespace RawWs.Host.Tests;

public sealed class DashboardTokenTests
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData(Token, true)]
    [InlineData("", false)]
    [InlineData("0", false)]
    [InlineData("0123456789abcdef0123456789abcdeF", false)]
    [InlineData("1123456789abcdef0123456789abcdef", false)]
    [InlineData(Token + "0", false)]
    public void A_token_is_itself_and_nothing_that_resembles_it(string text, bool isToken)
    {
        var token = new DashboardToken(Token);

        Assert.Equal(isToken, token.Is(text));
        Assert.Equal(isToken, token.IsIn([new("authorization", $"bearer {text}")]));
        Assert.False(token.IsCookie(text));
    }

    // The time itself can't be tested on a machine that others use, too: what is called can.
    [Theory]
    [InlineData(2, "src", "RawWs.Host", "Dashboard", "DashboardToken.cs")]
    [InlineData(1, "samples", "Authentication", "TokenVerifier.cs")]
    public void Tokens_and_cookies_are_compared_in_constant_time(int count, params string[] path)
    {
        var source = File.ReadAllText(Path.Combine([RepositoryRoot.Path, .. path]));

        Assert.Equal(count, source.Split("CryptographicOperations.FixedTimeEquals(").Length - 1);
        Assert.DoesNotContain("SequenceEqual", source, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(==|!=) ?_(hash|cookie)|_(hash|cookie) ?(==|!=)|Equals\(_(hash|cookie)", source.Replace("FixedTimeEquals(", "", StringComparison.Ordinal));
    }
}
