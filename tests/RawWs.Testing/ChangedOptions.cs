using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace RawWs.Testing;

/// <summary>Options, written down and changed by reflection: shows whether what has read them is reached by what becomes of them later.</summary>
public static class ChangedOptions
{
    /// <summary>What every property has, those of options within options too. What has no text of its own is told apart from others of its kind.</summary>
    public static Dictionary<string, string> Describe(object options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return PropertiesOf(options, "").ToDictionary(place => place.Path, place => TextOf(place.Property.GetValue(place.Owner)));
    }

    /// <summary>Changes all that whoever has the options can change: whatever can be set, and all collections.</summary>
    /// <returns>What should be another value now; one that is not could not be changed, because it was null or empty.</returns>
    public static IReadOnlyList<string> Change(object options)
    {
        ArgumentNullException.ThrowIfNull(options);

        // What is innermost first: whoever shares it sees that it changes.
        var changed = new List<string>();
        foreach (var (path, owner, property) in PropertiesOf(options, "").Reverse())
        {
            var value = property.GetValue(owner);
            if (value is not string && value is IEnumerable collection)
                Empty(collection);
            else if (!IsSettable(property))
                continue;

            if (IsSettable(property))
                SetAnother(owner, property, value);

            changed.Add(path);
        }

        return changed;
    }

    private static IEnumerable<(string Path, object Owner, PropertyInfo Property)> PropertiesOf(object owner, string prefix)
    {
        foreach (var property in owner.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            yield return (prefix + property.Name, owner, property);
            if (property.GetValue(owner) is { } value && IsOptions(value.GetType()))
            {
                foreach (var inner in PropertiesOf(value, $"{prefix}{property.Name}."))
                    yield return inner;
            }
        }
    }

    // Ours, and made of properties: what it says may be changed from outside.
    private static bool IsOptions(Type type)
        => type.IsClass && type.Namespace?.StartsWith("RawWs", StringComparison.Ordinal) == true && type.Assembly != typeof(ChangedOptions).Assembly
            && type.GetProperties().Any(property => property.SetMethod is { IsPublic: true, IsStatic: false });

    private static bool IsSettable(PropertyInfo property)
        => property.SetMethod is { IsPublic: true } setter && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static void Empty(IEnumerable collection)
    {
        if (collection is Array array)
            Array.Clear(array);
        else
            ((IList)collection).Clear();
    }

    private static void SetAnother(object owner, PropertyInfo property, object? value)
    {
        foreach (var other in OthersThan(value, property.PropertyType))
        {
            try
            {
                property.SetValue(owner, other);
                return;
            }
            catch (TargetInvocationException error) when (error.InnerException is ArgumentException)
            {
                // Out of its range; the next one may be within.
            }
        }
    }

    private static IEnumerable<object?> OthersThan(object? value, Type type) => value switch
    {
        bool flag => [!flag],
        int number => [number - 1, number + 1],
        long number => [number - 1, number + 1],
        TimeSpan time => [time + TimeSpan.FromMilliseconds(1)],
        string text => [null, text + "x"],
        null when type == typeof(string) => ["x"],
        Enum => Enum.GetValues(type).Cast<object?>().Where(other => !value.Equals(other)),
        _ => [null, .. type.GetProperties(BindingFlags.Public | BindingFlags.Static).Where(other => other.PropertyType == type).Select(other => other.GetValue(null)).Where(other => other != value), .. MadeLike(value)],
    };

    private static IEnumerable<object> MadeLike(object? value)
        => value?.GetType().GetConstructor(Type.EmptyTypes) is { } constructor ? [constructor.Invoke(null)] : [];

    private static string TextOf(object? value) => value switch
    {
        null => "nothing",
        string text => $"'{text}'",
        ValueType or Uri => $"{value}",
        IEnumerable values => $"[{string.Join(", ", values.Cast<object?>().Select(TextOf))}]",
        _ when IsOptions(value.GetType()) => "as below",
        System.Net.EndPoint endPoint => $"{endPoint}",
        _ => $"{value.GetType().Name} {RuntimeHelpers.GetHashCode(value)}",
    };
}
